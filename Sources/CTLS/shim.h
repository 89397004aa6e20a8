#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/crypto.h>

/// No new keys on a client's wish, no compression, our order of ciphers: options that Swift cannot read off their macros.
static const uint64_t ridley_tls_options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE;
