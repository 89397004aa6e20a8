// Redis as Swift sees it: hiredis writes commands and reads replies. Debian's hiredis (0.14) speaks no TLS and waits on sockets by itself, so
// sockets are ours, and TLS is OpenSSL's between them and hiredis.
#include <hiredis/hiredis.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/// The name that a server with several certificates chooses by; a macro.
static inline long ridley_redis_tls_name(SSL *session, const char *name) { return SSL_set_tlsext_host_name(session, name); }

/// TLS 1.2 or newer; a macro.
static inline long ridley_redis_tls_oldest(SSL_CTX *context) { return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION); }
