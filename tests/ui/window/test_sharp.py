"""Everything is drawn in the pixels of the screen, not in blown-up ones."""

from __future__ import annotations

from pathlib import Path

from tests.ui.canvas.at_ratio import run_at_ratio_two


def test_the_window_is_sharp_on_a_screen_of_twice_the_pixels(tmp_path: Path) -> None:
    """Of an enlarged picture, each 2 x 2 block is one colour; here many are not."""
    lines = run_at_ratio_two(
        """
        import os, time
        from pathlib import Path
        import numpy as np
        from PySide6.QtGui import QImage
        from studio.domain.clip import ClipId
        from studio.ui import theme
        from studio.ui.main_window import MainWindow
        from tests.ui.canvas.scene import open_studio
        theme.apply(app)

        def mixed_blocks(widget):
            picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
            print("ratio", picture.devicePixelRatio())
            shape = picture.height(), picture.bytesPerLine() // 4
            pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(shape)
            even = pixels[: shape[0] // 2 * 2, : shape[1] // 2 * 2]
            blocks = even.reshape(shape[0] // 2, 2, shape[1] // 2, 2)
            return float((blocks != blocks[:, :1, :, :1]).any(axis=(1, 3)).mean())

        with open_studio(Path(os.environ["TUTTI_HOME"])) as studio:
            window = MainWindow(studio)
            window.resize(1200, 800)
            window.show()
            studio.selection.set_clips({ClipId("c23")})
            window.commands.show_tab(1)
            view = window.dock.current
            until = time.monotonic() + 20
            drawn = view.canvas.pictures
            while time.monotonic() < until and (drawn.making or len(drawn._latest) < 2):
                app.processEvents()
                time.sleep(0.01)
            for part in (window.bar, window.generate, window.status, view.canvas):
                print("mixed", mixed_blocks(part))
            studio.song.mark_saved(studio.song.project)
            window.close()
        """,
        tmp_path,
    )
    assert {line.split()[1] for line in lines if line.startswith("ratio")} == {"2.0"}
    bar, generate, status, spectrogram = (
        float(line.split()[1]) for line in lines if line.startswith("mixed")
    )
    assert min(bar, generate, status) > 0.01
    assert spectrogram > 0.5  # noise differs from each pixel to the next
