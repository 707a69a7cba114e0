// The kernels over maps of half.
#include "Shim.h"

#define MAP_HALF

namespace fakecuda {
namespace halfMaps {
#include "Families.h"
}  // namespace halfMaps

const std::vector<Kernel> halfKernels = halfMaps::registry;
}  // namespace fakecuda
