// The kernels over maps of bfloat16.
#include "Shim.h"

#define MAP_BFLOAT16

namespace fakecuda {
namespace bfloat16Maps {
#include "Families.h"
}  // namespace bfloat16Maps

const std::vector<Kernel> bfloat16Kernels = bfloat16Maps::registry;
}  // namespace fakecuda
