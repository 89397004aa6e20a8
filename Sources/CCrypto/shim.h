#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/// A new key on the curve P-256; a macro over a variadic in OpenSSL.
static inline EVP_PKEY *ridley_make_ec_key(void) { return EVP_EC_gen("P-256"); }

/// Names the one whom a certificate is of, and who made it, with the same word.
static inline int ridley_name_certificate(X509 *certificate, const char *word) {
  X509_NAME *name = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)word, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}
