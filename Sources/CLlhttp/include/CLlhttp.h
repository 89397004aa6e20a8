// The parser of HTTP/1.1 heads that `./bootstrap` fetches; its sources stay outside the checkout.
#include "../../../.deps/llhttp/llhttp.h"
