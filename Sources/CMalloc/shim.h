// The settings of glibc's allocator, which Swift's own module of it leaves out.
#include <malloc.h>
