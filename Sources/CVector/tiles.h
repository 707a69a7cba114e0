#pragma once

// What kernels and those who call them both name.

#include <stdint.h>

/// Tiles over a picture, or over every other pixel of one, numbered through the batch: image, row, column.
struct posetop_tiles {
  /// Pixels of the picture.
  intptr_t height;
  intptr_t width;
  /// Values between images, rows and pixels.
  intptr_t image_step;
  intptr_t row_step;
  intptr_t pixel_step;
  /// Pixels between tiles, and from the first tile's corner to the picture's.
  intptr_t step;
  intptr_t origin_y;
  intptr_t origin_x;
  /// Tiles of a row, and of an image.
  intptr_t tiles_x;
  intptr_t per_image;
};
