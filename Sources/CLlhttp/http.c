#include "../../.deps/llhttp/http.c"
