// Runs the threads of a block: each until it waits for the others, on a stack of its own.
#include "Shim.h"

#include <memory>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace fakecuda {

Extent threadIdx, blockIdx, blockDim, gridDim;

namespace {

struct Fiber;

const size_t stackBytes = 128 * 1024;

#if defined(__x86_64__)
extern "C" void posetop_fake_cuda_switch(void **from, void *to);
asm(R"(
  .text
  .globl posetop_fake_cuda_switch
  .type posetop_fake_cuda_switch, @function
posetop_fake_cuda_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size posetop_fake_cuda_switch, .-posetop_fake_cuda_switch
)");
#endif

/// A stack, and where it stands.
struct Fiber {
  std::unique_ptr<char[]> stack{new char[stackBytes]};
  Extent thread;
  bool waits = false;
#if defined(__x86_64__)
  void *here = nullptr;
#else
  ucontext_t here;
#endif
  Fiber();
};

// The launch that runs.
const Kernel *kernel;
void *const *kernelArguments;
unsigned nextThread, threadCount;
Fiber *current;
#if defined(__x86_64__)
void *scheduler;
#else
ucontext_t scheduler;
#endif

void toScheduler() {
#if defined(__x86_64__)
  posetop_fake_cuda_switch(&current->here, scheduler);
#else
  swapcontext(&current->here, &scheduler);
#endif
}

/// A fiber's life: threads that nobody has begun, one after the other, and then it rests.
void live() {
  for (;;) {
    while (nextThread < threadCount) {
      unsigned at = nextThread++;
      threadIdx.x = at % blockDim.x;
      threadIdx.y = at / blockDim.x % blockDim.y;
      threadIdx.z = at / blockDim.x / blockDim.y;
      kernel->call(kernelArguments);
    }
    toScheduler();
  }
}

Fiber::Fiber() {
#if defined(__x86_64__)
  // A frame as `posetop_fake_cuda_switch` leaves one, which returns to `live`, whose own return
  // address is never used and keeps the stack aligned.
  void **top = reinterpret_cast<void **>(
      (reinterpret_cast<uintptr_t>(stack.get()) + stackBytes) & ~uintptr_t{15});
  *--top = nullptr;
  *--top = reinterpret_cast<void *>(live);
  for (int i = 0; i < 6; ++i) *--top = nullptr;
  here = top;
#else
  getcontext(&here);
  here.uc_stack.ss_sp = stack.get();
  here.uc_stack.ss_size = stackBytes;
  here.uc_link = nullptr;
  makecontext(&here, live, 0);
#endif
}

void resume(Fiber &fiber) {
  current = &fiber;
  fiber.waits = false;
  threadIdx = fiber.thread;
#if defined(__x86_64__)
  posetop_fake_cuda_switch(&scheduler, fiber.here);
#else
  swapcontext(&scheduler, &fiber.here);
#endif
}

std::vector<std::unique_ptr<Fiber>> fibers;

/// Runs one block; false where threads wait for others that have ended.
bool runBlock() {
  nextThread = 0;
  size_t used = 0;
  std::vector<Fiber *> waiting;
  while (nextThread < threadCount) {
    if (used == fibers.size()) fibers.push_back(std::make_unique<Fiber>());
    Fiber &fiber = *fibers[used++];
    resume(fiber);
    if (fiber.waits) waiting.push_back(&fiber);
  }
  while (!waiting.empty()) {
    if (waiting.size() != threadCount) return false;
    std::vector<Fiber *> still;
    for (Fiber *fiber : waiting) {
      resume(*fiber);
      if (fiber->waits) still.push_back(fiber);
    }
    waiting.swap(still);
  }
  return true;
}

}  // namespace

void synchronize() {
  current->thread = threadIdx;
  current->waits = true;
  toScheduler();
}

bool launch(const Kernel &which, Extent grid, Extent block, void *const *arguments) {
  kernel = &which;
  kernelArguments = arguments;
  gridDim = grid;
  blockDim = block;
  threadCount = block.x * block.y * block.z;
  for (blockIdx.z = 0; blockIdx.z < grid.z; ++blockIdx.z) {
    for (blockIdx.y = 0; blockIdx.y < grid.y; ++blockIdx.y) {
      for (blockIdx.x = 0; blockIdx.x < grid.x; ++blockIdx.x) {
        if (!runBlock()) {
          // Their stacks stand in the middle of something.
          fibers.clear();
          return false;
        }
      }
    }
  }
  return true;
}

}  // namespace fakecuda
