/*
 * Petrichor: sequences of paired TNetstrings, HEADER then BODY. One .c, one .h, C11, no dependency.
 *
 *   value  = SIZE ":" DATA TYPE        SIZE: 1 to 9 digits, no leading zero; DATA: SIZE bytes
 *   TYPE   = "," bytes   "#" integer   "^" float   "!" boolean   "~" null   "}" dict   "]" list
 *   stream = *(dict value)             each message is a header, which is a dict, and a body of any type
 *
 * Memory belongs to the caller everywhere: decoding yields views of the bytes that arrived, encoding writes into a
 * buffer, and nothing is allocated. There are no globals, so that any number of threads may each use their own objects.
 * Input never ends in an assert or an abort: a wrong byte is a status, with its offset.
 */
#ifndef PETRICHOR_H
#define PETRICHOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many containers may be open at once at the very most, whatever a caller's limits say: the validator's stack. */
#ifndef PETRI_DEPTH_MAX
#define PETRI_DEPTH_MAX 64
#endif
/* Keys that the validator can hold by itself to find duplicates; a caller's petri_limits.keys adds to it. */
#ifndef PETRI_KEYS_HELD
#define PETRI_KEYS_HELD 256
#endif

/* ---------------------------------------------------------------------------------------------------- results */

/* Zero and above are results, below are failures. Names as text: petri_code(). */
typedef enum petri_status {
  PETRI_OK = 0,
  PETRI_MORE = 1, /* all input was used and nothing is complete yet */
  PETRI_END = 2,  /* the peer closed between two messages */

  PETRI_ETRUNCATED = -1,  /* the input ends inside a value */
  PETRI_ESIZE = -2,       /* a size prefix that is no 1 to 9 digits without leading zero and a colon */
  PETRI_ETYPE = -3,       /* a type byte that TNetstrings does not have */
  PETRI_EINTEGER = -4,    /* an integer that is none */
  PETRI_EFLOAT = -5,      /* a float that is none, or is not finite */
  PETRI_EBOOLEAN = -6,    /* neither true nor false */
  PETRI_ENULL = -7,       /* a null that has bytes */
  PETRI_EKEY = -8,        /* a key that is no string of UTF-8 */
  PETRI_EDICT = -9,       /* a key without a value */
  PETRI_EDUPLICATE = -10, /* a key that the dict has already */
  PETRI_EOVERRUN = -11,   /* a value that is longer than what holds it */
  PETRI_EDEPTH = -12,     /* more containers in one another than allowed */
  PETRI_ECOUNT = -13,     /* more values, or keys in a dict, than allowed */
  PETRI_ETOOLARGE = -14,  /* a size over the limit, or a number longer than numbers may be */
  PETRI_ETRAILING = -15,  /* bytes after the one value */

  PETRI_EHEADER = -20,     /* a header that is no dict */
  PETRI_ECUT = -21,        /* the peer closed inside a message */
  PETRI_ENOREPLY = -22,    /* the peer closed before it answered */
  PETRI_EHANDSHAKE = -23,  /* the handshake took longer than it may */
  PETRI_ESLOW = -24,       /* a message that had begun took longer than it may */
  PETRI_EIDLE = -25,       /* no message began within idle_ms */
  PETRI_ENOTREADING = -26, /* the peer took no byte within write_ms */
  PETRI_ETIMEOUT = -27,    /* what a caller's read or write answers when its deadline is over; petri_dial's, too */
  PETRI_EIO = -28,         /* the caller's read or write failed */
  PETRI_ENOSPACE = -29,    /* the caller's memory is too small */
  PETRI_ERANGE = -30,      /* an integer that int64_t cannot hold: its digits are in the value's data */
  PETRI_EWRONG = -31,      /* a value of another type than asked for, or calls in an order that makes no value */
  PETRI_ECLOSED = -32      /* this connection failed before */
} petri_status;

/* The stable name of a status: "ERR_TNS_SIZE", "ERR_PETRICHOR_HEADER", … */
const char *petri_code(petri_status status);

/* What went wrong and where: `offset` counts from the first byte of the input, of a stream's first message. */
typedef struct petri_fault {
  petri_status status;
  size_t offset;
} petri_fault;

/* ----------------------------------------------------------------------------------------------------- values */

typedef struct petri_view {
  const uint8_t *data;
  size_t size;
} petri_view;

/* One value: its type byte, and the bytes between its colon and its type byte. */
typedef struct petri_value {
  uint8_t type;
  petri_view data;
} petri_value;

typedef struct petri_part_limits {
  uint32_t size;     /* the SIZE of the outermost value */
  uint32_t depth;    /* containers in one another */
  uint32_t elements; /* values in all, the outermost one too; keys are not counted */
  uint32_t keys;     /* of one dict */
} petri_part_limits;

/* Room for one key of one dict while the dict is checked. */
typedef struct petri_key {
  uint32_t offset, size;
} petri_key;

typedef struct petri_limits {
  petri_part_limits header; /* 64 KiB, 16, 65,536, 256 */
  petri_part_limits body;   /* 16 MiB, 64, 65,536, 65,536 */
  uint32_t number;          /* bytes of one number: 4,300, since long ones cost more than linear time to convert */
  bool strict;              /* numbers in their only canonical form: no "+", no leading zero, no "-0" integer */
  petri_key *keys;          /* memory for dicts of more keys than PETRI_KEYS_HELD; may be null */
  size_t keys_count;
} petri_limits;

/* The defaults given above. */
petri_limits petri_default_limits(void);

/*
 * Decodes the value that `data` begins with, checks all of it against `limits->body`, and tells in `used` where it ends.
 * The value's data are a view of `data`. PETRI_ETRUNCATED if it ends later than `size`. `fault` may be null.
 */
petri_status petri_decode(const uint8_t *data, size_t size, const petri_limits *limits, petri_value *value,
                          size_t *used, petri_fault *fault);

/* The values of a list or dict one after another. A dict's keys come in `key`; in a list `key` is empty. */
typedef struct petri_iterator {
  const uint8_t *at, *end;
  bool dict;
} petri_iterator;
petri_iterator petri_iterate(petri_value container);
/* PETRI_OK with the next one, PETRI_END after the last; a failure only in bytes that nobody has checked. */
petri_status petri_next(petri_iterator *iterator, petri_view *key, petri_value *value);

/* The value of `key` (a C string). PETRI_END when the dict has none. */
petri_status petri_get(petri_value dict, const char *key, petri_value *value);

petri_status petri_int(petri_value value, int64_t *result);
petri_status petri_float(petri_value value, double *result); /* takes integers too */
petri_status petri_bool(petri_value value, bool *result);
/* Whether a value is a string of exactly these bytes. */
bool petri_is_text(petri_value value, const char *text);

petri_value petri_bytes(const void *data, size_t size);
petri_value petri_text(const char *text);

/* --------------------------------------------------------------------------------------------------- encoding */

/*
 * Writes values into the caller's buffer. Containers are opened and ended; sizes are filled in when they end. The first
 * failure stays in `status` and makes all later calls do nothing, so that one look at the end is enough.
 */
typedef struct petri_encoder {
  uint8_t *buffer;
  size_t room, size;
  petri_status status;
  uint32_t depth;
  struct {
    size_t start;
    bool dict, key;
  } open[PETRI_DEPTH_MAX];
} petri_encoder;

void petri_encode_into(petri_encoder *encoder, void *buffer, size_t room);
void petri_put_bytes(petri_encoder *encoder, const void *data, size_t size);
void petri_put_text(petri_encoder *encoder, const char *text);
void petri_put_int(petri_encoder *encoder, int64_t value);
/* An integer of any size as its digits; PETRI_EINTEGER unless they are canonical. */
void petri_put_digits(petri_encoder *encoder, const char *digits, size_t size);
/* The shortest digits that read back as the same number. PETRI_EFLOAT for NaN and infinities. */
void petri_put_float(petri_encoder *encoder, double value);
void petri_put_bool(petri_encoder *encoder, bool value);
void petri_put_null(petri_encoder *encoder);
/* A value as it was decoded, whatever it holds. */
void petri_put_value(petri_encoder *encoder, petri_value value);
void petri_begin_list(petri_encoder *encoder);
void petri_begin_dict(petri_encoder *encoder);
/* In a dict, before each value. Telling a key twice is the caller's mistake: it is not looked for. */
void petri_put_key(petri_encoder *encoder, const char *key);
void petri_put_key_bytes(petri_encoder *encoder, petri_view key);
void petri_end(petri_encoder *encoder);
/* What was written. PETRI_EWRONG while a container is open. */
petri_status petri_encoded(const petri_encoder *encoder, petri_view *view);

/* Writes `SIZE:` to `into` (at least 11 bytes) and returns how many bytes that took; 0 if the size needs 10 digits. */
size_t petri_prefix(uint8_t *into, size_t size);

/* ------------------------------------------------------------------------------------------- incremental parser */

typedef enum petri_mode {
  PETRI_MESSAGES, /* an event for each whole message */
  PETRI_PARTS,    /* an event for the header, then the body's bytes as they come */
  PETRI_VALUES    /* an event for each value, as read_chunk wants them */
} petri_mode;

typedef enum petri_event_kind {
  PETRI_EVENT_MESSAGE,    /* header, body */
  PETRI_EVENT_HEADER,     /* header */
  PETRI_EVENT_BODY_BEGIN, /* size: how many bytes the body has */
  PETRI_EVENT_BODY_PART,  /* part: some of them; a container in parts is not checked */
  PETRI_EVENT_BODY_END,   /* body.type: the type, which TNetstrings tell last */
  PETRI_EVENT_VALUE       /* body: the value */
} petri_event_kind;

typedef struct petri_event {
  petri_event_kind kind;
  petri_value header, body;
  petri_view part;
  size_t size;
} petri_event;

/*
 * Grows `old` to at least `size` bytes (null: a first piece) and returns it, or null when it may not grow. Memory is asked
 * for as bytes come in, never because a peer announced them.
 */
typedef void *(*petri_resize)(void *user, void *old, size_t size);

typedef struct petri_parser {
  petri_limits limits;
  petri_mode mode;
  petri_fault fault;
  uint8_t *memory;
  size_t room;
  petri_resize resize;
  void *user;
  /* the value that is being read */
  uint8_t state, digits;
  bool in_body;
  uint32_t size, got;
  size_t kept, base, begin;
  petri_value header;
} petri_parser;

/*
 * `memory` keeps what comes in pieces. Without `resize` it must hold the largest message that shall pass: a message that
 * does not fit is PETRI_ENOSPACE. Messages that come whole in one chunk need none of it.
 */
void petri_parser_init(petri_parser *parser, const petri_limits *limits, petri_mode mode, void *memory, size_t room);

/*
 * Reads up to one event. `used` says how much of the input that took: give the rest to the next call. PETRI_OK with an
 * event, PETRI_MORE without one, or a failure, after which the parser only repeats it (`parser->fault` says where). Views
 * of an event hold until the next call and as long as the chunk that it came from.
 */
petri_status petri_feed(petri_parser *parser, const uint8_t *data, size_t size, size_t *used, petri_event *event);

/* True between messages (or values): a stream may end here and nowhere else. */
bool petri_parser_idle(const petri_parser *parser);

/* PETRI_PARTS: how many bytes of the body are still to come, so that they can be read straight to where they shall go… */
size_t petri_body_left(const petri_parser *parser);
/* … and then be reported: `size` bytes of the body have been taken past the parser. At most petri_body_left(). */
petri_status petri_body_taken(petri_parser *parser, size_t size);

/* ------------------------------------------------------------------------------------------------- connections */

/*
 * How a connection reads and writes: TCP, TLS, a pipe, memory. `deadline` is a time as `now` tells it, 0 for none.
 * read: 1 or more bytes, 0 at the end, or a negative petri_status. write: how many bytes of the pieces it took, at least 1,
 * or a negative petri_status. now: milliseconds of a clock that only goes forward; null for no deadlines.
 */
typedef struct petri_io {
  void *user;
  ptrdiff_t (*read)(void *user, void *into, size_t room, int64_t deadline);
  ptrdiff_t (*write)(void *user, const petri_view *pieces, size_t count, int64_t deadline);
  int64_t (*now)(void *user);
} petri_io;

typedef struct petri_message {
  petri_value header, body;
} petri_message;

typedef struct petri_conn {
  petri_io io;
  petri_parser parser;
  uint32_t connect_ms;      /* for the whole of petri_connect: 20,000 */
  uint32_t handshake_ms;    /* for petri_accept, and for each answer to it: 10,000 */
  uint32_t handshake_bytes; /* largest header, and largest body, of a peer that petri_accept waits for: 4,096 */
  uint32_t message_ms;      /* from a message's first byte to its last: 30,000 … */
  uint32_t message_rate;    /* … unless this many bytes came each second since it began: 1,024 */
  uint32_t idle_ms;         /* until a message begins: 0, for ever */
  uint32_t write_ms;        /* with bytes to send and a peer that takes none: 30,000 */
  petri_status status;      /* the failure that ended this connection */
  uint8_t *input;
  size_t input_room, start, end;
} petri_conn;

/* `input` is where reads land; `memory` is the parser's. Both stay the caller's. */
void petri_conn_init(petri_conn *conn, petri_io io, const petri_limits *limits, void *input, size_t input_room,
                     void *memory, size_t memory_room);

/* One value. PETRI_END when the peer closed before it. */
petri_status petri_read_chunk(petri_conn *conn, petri_value *value);
/* One message. PETRI_END when the peer closed before it; any failure ends the connection. */
petri_status petri_recv(petri_conn *conn, petri_message *message);
/* `header` is an encoded dict, empty for `0:}`. Header, prefix, body and type leave in one gathered write. */
petri_status petri_send(petri_conn *conn, petri_view header, petri_value body);
/* Sends the first message and waits for the answer, within connect_ms. Denied is no failure: ask petri_connect_allowed. */
petri_status petri_connect(petri_conn *conn, petri_view header, petri_value body, petri_message *answer);
/*
 * What the answer to connect says. `strict`: only `allowed` true is allowed. Otherwise a header without `allowed` is, too,
 * as in the protocol's first description.
 */
bool petri_connect_allowed(petri_value header, bool strict);
/* The peer's first message, within handshake_ms. */
petri_status petri_accept(petri_conn *conn, petri_message *message);
/* Answers accept: `header` with `allowed` set to true or false, whatever it held before. */
petri_status petri_peer_allowed(petri_conn *conn, petri_view header, petri_value body);
petri_status petri_peer_denied(petri_conn *conn, petri_view header, petri_value body);
/* petri_send, then petri_recv. PETRI_ENOREPLY when the peer closed instead. */
petri_status petri_request(petri_conn *conn, petri_view header, petri_value body, petri_message *reply);

/* The body piece by piece, for one that is not in memory at once: begin, exactly `size` bytes, end. */
petri_status petri_send_begin(petri_conn *conn, petri_view header, size_t size);
petri_status petri_send_part(petri_conn *conn, petri_view part);
petri_status petri_send_end(petri_conn *conn, uint8_t type);

#ifndef PETRI_NO_POSIX
/* A connection's io over a socket or pipe; `fd` stays the caller's to close. */
petri_io petri_fd_io(int *fd);
/* Connects by TCP within `timeout_ms` and stores the socket. Names are looked up with getaddrinfo, which has no deadline. */
petri_status petri_dial(const char *host, const char *port, uint32_t timeout_ms, int *fd);
#endif

#ifdef __cplusplus
}
#endif
#endif
