/* Two small JACK clients in C, to compare the studio's engine with.
 *
 *   jack_probe play SECONDS HZ
 *       plays a sine of HZ at 0.25 on two ports: what a bare client manages on this machine.
 *   jack_probe listen SECONDS NAME HZ [NAME HZ ...]
 *       connects to the outputs of the clients called NAME (a part of the name), each of which plays
 *       a steady sine of HZ, and prints one line of JSON: for each client, gaps (places where the
 *       sine breaks), frames of silence within it, and the server's xruns.
 *
 * A sine follows x[n] = 2 cos(w) x[n-1] - x[n-2]; a frame that does not is where a gap begins or
 * ends. Breaks closer than MERGE frames are one gap.
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
int jack_set_xrun_callback(jack_client_t *, int (*)(void *), void *);

enum { NO_START = 1, INPUT = 1, OUTPUT = 2, MOST = 8, MERGE = 4096 };
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
struct heard {
    const char *name;
    jack_port_t *port;
    double factor, before, before_that;
    long long frames, silent, last_break, gaps;
    int started;
};
static struct heard heard[MOST];
static int listened;
static volatile long long xruns;

static int on_xrun(void *unused) { (void)unused; xruns++; return 0; }

static void follow(struct heard *h, const float *in, jack_nframes_t frames) {
    for (jack_nframes_t i = 0; i < frames; i++) {
        double x = in[i];
        if (!h->started) {
            h->started = x != 0.0;
            h->frames = 0;
            h->last_break = 0; /* the attack is no gap */
        }
        if (h->started) {
            h->frames++;
            if (x == 0.0 && h->before == 0.0) h->silent++;
            if (fabs(x - h->factor * h->before + h->before_that) > TOLERANCE) {
                if (h->frames - h->last_break > MERGE) h->gaps++;
                h->last_break = h->frames;
            }
        }
        h->before_that = h->before;
        h->before = x;
    }
}

static int listen(jack_nframes_t frames, void *unused) {
    (void)unused;
    for (int i = 0; i < listened; i++) follow(&heard[i], jack_port_get_buffer(heard[i].port, frames), frames);
    return 0;
}

static int connect_to(struct heard *h) {
    const char **ports = jack_get_ports(client, h->name, AUDIO, OUTPUT);
    int done = ports && ports[0] && jack_connect(client, ports[0], jack_port_name(h->port)) == 0;
    if (ports) jack_free(ports);
    return done;
}

static void report(void) {
    printf("{\"xruns\": %lld, \"clients\": [", xruns);
    for (int i = 0; i < listened; i++)
        printf("%s{\"name\": \"%s\", \"seconds\": %.3f, \"gaps\": %lld, \"silent_frames\": %lld}",
               i ? ", " : "", heard[i].name, heard[i].frames / rate, heard[i].gaps, heard[i].silent);
    printf("]}\n");
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
    } else if (count > 4 && count % 2 == 1 && !strcmp(words[1], "listen")) {
        client = open_client("probe");
        for (int i = 3; i + 1 < count && listened < MOST; i += 2, listened++) {
            char port[16];
            snprintf(port, sizeof port, "in_%d", listened);
            heard[listened].name = words[i];
            heard[listened].factor = 2 * cos(2 * M_PI * atof(words[i + 1]) / rate);
            heard[listened].port = jack_port_register(client, port, AUDIO, INPUT, 0);
        }
        jack_set_process_callback(client, listen, NULL);
        jack_set_xrun_callback(client, on_xrun, NULL);
        jack_activate(client);
        for (int i = 0; i < listened; i++)
            if (!connect_to(&heard[i])) { fprintf(stderr, "no client %s\n", heard[i].name); return 3; }
        usleep((useconds_t)(seconds * 1e6));
        report();
    } else {
        fprintf(stderr, "jack_probe play SECONDS HZ | listen SECONDS NAME HZ ...\n");
        return 1;
    }
    jack_client_close(client);
    return 0;
}
