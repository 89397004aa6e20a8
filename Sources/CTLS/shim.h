#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/crypto.h>

/// No new keys on a client's wish, no compression, our order of ciphers: options that Swift cannot read off their macros.
static const uint64_t ridley_tls_options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE;

/// Asks clients for a certificate, with an EC or Ed25519 key and 16 KiB at most; none of them takes up an old session, so that each proves to hold its key.
static inline void ridley_tls_ask_clients(SSL_CTX *context, SSL_verify_cb verify) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, verify);
  SSL_CTX_set1_client_sigalgs_list(context, "ECDSA+SHA256:ed25519");
  SSL_CTX_set_max_cert_list(context, 16 << 10);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
}
