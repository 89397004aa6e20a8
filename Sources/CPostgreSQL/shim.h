// PostgreSQL as Swift sees it: the letters by which fields of an error are asked for are macros of characters.
#include <libpq-fe.h>

static inline const char *ridley_pq_sqlstate(const PGresult *result) { return PQresultErrorField(result, 'C'); }
static inline const char *ridley_pq_message(const PGresult *result) { return PQresultErrorField(result, 'M'); }
