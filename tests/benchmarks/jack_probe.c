/* Two small JACK clients in C, to compare the studio's engine with.
 *
 *   jack_probe play SECONDS HZ
 *       plays a sine of HZ at 0.25 on two ports: what a bare client manages on this machine.
 *   jack_probe listen SECONDS NAME HZ
 *       connects to the first output of the client called NAME (or a part of it), which plays a
 *       steady sine of HZ, and prints one line of JSON: gaps, of which the sine breaks in `breaks`
 *       and the device's own time jumps in `skips`; the time lost; and the server's xruns.
 *
 * A sine follows x[n] = 2 cos(w) x[n-1] - x[n-2]; a frame that does not is where a break begins or
 * ends. A client that comes late holds up the whole graph: then no sample is lost, but the device
 * has gone without, which shows as a jump of its clock. Events closer than MERGE frames are one gap.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The few declarations needed, so that no header package is. */
typedef struct jack_client jack_client_t;
typedef struct jack_port jack_port_t;
typedef uint32_t jack_nframes_t;
jack_client_t *jack_client_open(const char *, int, int *, ...);
int jack_client_close(jack_client_t *);
int jack_activate(jack_client_t *);
jack_nframes_t jack_get_sample_rate(jack_client_t *);
jack_port_t *jack_port_register(jack_client_t *, const char *, const char *, unsigned long, unsigned long);
void *jack_port_get_buffer(jack_port_t *, jack_nframes_t);
const char *jack_port_name(const jack_port_t *);
int jack_connect(jack_client_t *, const char *, const char *);
const char **jack_get_ports(jack_client_t *, const char *, const char *, unsigned long);
void jack_free(void *);
int jack_set_process_callback(jack_client_t *, int (*)(jack_nframes_t, void *), void *);
jack_nframes_t jack_last_frame_time(const jack_client_t *);
int jack_set_xrun_callback(jack_client_t *, int (*)(void *), void *);

enum { NO_START = 1, INPUT = 1, OUTPUT = 2, MERGE = 4096 };
static const char *AUDIO = "32 bit float mono audio";
static const double TOLERANCE = 2e-3;

static jack_client_t *client;
static double rate;

static jack_client_t *open_client(const char *name) {
    int status = 0;
    jack_client_t *opened = jack_client_open(name, NO_START, &status);
    if (!opened) { fprintf(stderr, "no JACK server (status %d)\n", status); exit(2); }
    rate = jack_get_sample_rate(opened);
    return opened;
}

/* ---- play ---- */
static jack_port_t *out[2];
static double hertz, phase;

static int play(jack_nframes_t frames, void *unused) {
    float *left = jack_port_get_buffer(out[0], frames), *right = jack_port_get_buffer(out[1], frames);
    double step = 2 * M_PI * hertz / rate;
    (void)unused;
    for (jack_nframes_t i = 0; i < frames; i++) {
        left[i] = right[i] = (float)(0.25 * sin(phase));
        phase += step;
        if (phase > 2 * M_PI) phase -= 2 * M_PI;
    }
    return 0;
}

/* ---- listen ---- */
static jack_port_t *in;
static double factor, before, before_that;
static long long frames_heard, last_event, gaps, breaks, skips, frames_lost, silent;
static volatile long long xruns;
static int started;
static jack_nframes_t expected;

static int on_xrun(void *unused) { (void)unused; xruns++; return 0; }

static int happened(long long *kind, long long *last) {
    int apart = frames_heard - *last > MERGE;
    *last = frames_heard;
    if (apart) (*kind)++;
    if (frames_heard - last_event > MERGE) gaps++;
    last_event = frames_heard;
    return apart;
}

static void watch_clock(jack_nframes_t frames) {
    static long long last;
    jack_nframes_t now = jack_last_frame_time(client);
    int32_t jump = (int32_t)(now - expected);
    /* The clock is steered by the system's, so a few frames are no loss. */
    if (started && frames_heard > MERGE && jump > (int32_t)frames / 2) {
        happened(&skips, &last);
        frames_lost += jump;
    }
    expected = now + frames;
}

static void follow(double x) {
    static long long last;
    if (!started) {
        started = x != 0.0;
    } else {
        frames_heard++;
        if (x == 0.0 && before == 0.0) silent++;
        if (frames_heard > MERGE && fabs(x - factor * before + before_that) > TOLERANCE)
            happened(&breaks, &last);
    }
    before_that = before;
    before = x;
}

static int listen(jack_nframes_t frames, void *unused) {
    const float *block = jack_port_get_buffer(in, frames);
    (void)unused;
    watch_clock(frames);
    for (jack_nframes_t i = 0; i < frames; i++) follow(block[i]);
    return 0;
}

static int connect_to(const char *name) {
    const char **ports = jack_get_ports(client, name, AUDIO, OUTPUT);
    int done = ports && ports[0] && jack_connect(client, ports[0], jack_port_name(in)) == 0;
    if (ports) jack_free(ports);
    return done;
}

static void report(void) {
    printf("{\"seconds\": %.3f, \"gaps\": %lld, \"breaks\": %lld, \"skips\": %lld, ", frames_heard / rate,
           gaps, breaks, skips);
    printf("\"lost_ms\": %.1f, \"silent_frames\": %lld, \"xruns\": %lld}\n", frames_lost * 1e3 / rate, silent,
           xruns);
}

int main(int count, char **words) {
    double seconds = count > 3 ? atof(words[2]) : 0;
    if (count == 4 && !strcmp(words[1], "play")) {
        client = open_client("bare");
        hertz = atof(words[3]);
        out[0] = jack_port_register(client, "left", AUDIO, OUTPUT, 0);
        out[1] = jack_port_register(client, "right", AUDIO, OUTPUT, 0);
        jack_set_process_callback(client, play, NULL);
        jack_activate(client);
        usleep((useconds_t)(seconds * 1e6));
    } else if (count == 5 && !strcmp(words[1], "listen")) {
        client = open_client("probe");
        in = jack_port_register(client, "in", AUDIO, INPUT, 0);
        factor = 2 * cos(2 * M_PI * atof(words[4]) / rate);
        jack_set_process_callback(client, listen, NULL);
        jack_set_xrun_callback(client, on_xrun, NULL);
        jack_activate(client);
        if (!connect_to(words[3])) { fprintf(stderr, "no client %s\n", words[3]); return 3; }
        usleep((useconds_t)(seconds * 1e6));
        report();
    } else {
        fprintf(stderr, "jack_probe play SECONDS HZ | listen SECONDS NAME HZ\n");
        return 1;
    }
    jack_client_close(client);
    return 0;
}
