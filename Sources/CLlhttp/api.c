#include "../../.deps/llhttp/api.c"
