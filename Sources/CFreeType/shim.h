// Glyphs of a font as grey bitmaps, for the screenshots only.
#ifndef POSETOP_CFREETYPE_SHIM_H
#define POSETOP_CFREETYPE_SHIM_H
#include <ft2build.h>
#include FT_FREETYPE_H

/// Opens a font at a size in pixels; NULL when it cannot be used.
static inline FT_Face posetop_font_open(const char *path, unsigned pixels) {
  FT_Library library;
  FT_Face face;
  if (FT_Init_FreeType(&library) || FT_New_Face(library, path, 0, &face)) return NULL;
  return FT_Set_Pixel_Sizes(face, 0, pixels) ? NULL : face;
}

/// Renders a character; NULL when the font has none. Offsets are from the origin on the baseline.
static inline const unsigned char *posetop_font_glyph(
  FT_Face face, unsigned long code, int *width, int *rows, int *pitch, int *left, int *top) {
  FT_UInt index = FT_Get_Char_Index(face, code);
  if (index == 0 || FT_Load_Glyph(face, index, FT_LOAD_RENDER)) return NULL;
  FT_GlyphSlot slot = face->glyph;
  *width = (int)slot->bitmap.width;
  *rows = (int)slot->bitmap.rows;
  *pitch = slot->bitmap.pitch;
  *left = slot->bitmap_left;
  *top = slot->bitmap_top;
  return slot->bitmap.buffer ? slot->bitmap.buffer : (const unsigned char *)"";
}
#endif
