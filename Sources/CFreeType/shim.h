#include <ft2build.h>
#include FT_FREETYPE_H

static const FT_Int32 ridley_ft_load_render = FT_LOAD_RENDER;
