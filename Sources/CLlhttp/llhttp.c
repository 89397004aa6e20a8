#include "../../.deps/llhttp/llhttp.c"
