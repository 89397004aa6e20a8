// SQLite as Swift sees it: values are copied as they are bound (SQLITE_TRANSIENT is a cast), and none of no length is NULL.
#include <sqlite3.h>

static inline int ridley_sqlite_bind_text(sqlite3_stmt *statement, int index, const void *bytes, int count) {
  return sqlite3_bind_text(statement, index, bytes ? (const char *)bytes : "", count, SQLITE_TRANSIENT);
}
static inline int ridley_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
  return sqlite3_bind_blob(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}
