// The kernels over maps of float.
#include "Shim.h"

namespace fakecuda {
namespace floatMaps {
#include "Families.h"
}  // namespace floatMaps

const std::vector<Kernel> floatKernels = floatMaps::registry;
}  // namespace fakecuda
