"""The bar at the top: play, position, tempo, meter, key and the master meter."""
