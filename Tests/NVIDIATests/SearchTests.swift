import Glibc
import Support
import Testing

@testable import NVIDIA

@Suite("Where NVIDIA's libraries are looked for")
struct SearchTests {
  @Test("Named folders, the loader's own search, environments, python3, toolkits: in this order")
  func order() throws {
    let machine = FakeMachine()
    try machine.putPackages(in: "/venv", cuda: 13, cudnn: "cudnn-9.19")
    try machine.putPackages(in: "/conda", cuda: 12)
    try machine.putPackages(in: "/python", cuda: 13)
    try machine.put("/python/bin/python3", "")
    try machine.put("/home/cuda/lib64/libnvrtc.so.13", "")
    for version in ["cuda-12.10", "cuda-12.9", "cuda-13.1", "cuda"] {
      try machine.put("/usr/local/\(version)/lib64/x", "")
    }
    let search = machine.search([
      "POSETOP_CUDA_LIBS": "/one:/two", "VIRTUAL_ENV": "/venv", "CONDA_PREFIX": "/conda",
      "PATH": "/nowhere:/python/bin", "CUDA_HOME": "/home/cuda",
    ])
    let site = "lib/python3.11/site-packages/nvidia"
    #expect(
      machine.folders(search.places) == [
        "/one", "/two", "(loader)", "/venv/lib", "/venv/\(site)/cu13/lib",
        "/venv/\(site)/cudnn/lib", "/conda/lib", "/conda/\(site)/cublas/lib",
        "/conda/\(site)/cuda_nvrtc/lib", "/python/\(site)/cu13/lib", "/home/cuda/lib64",
        "/usr/local/cuda/lib64", "/usr/local/cuda-13.1/lib64", "/usr/local/cuda-12.10/lib64",
        "/usr/local/cuda-12.9/lib64",
      ])
    #expect(machine.folders(search.driverPlaces).prefix(3) == ["/one", "/two", "(loader)"])
  }

  @Test("python3 is looked at where its links stand and where they lead")
  func links() throws {
    let machine = FakeMachine()
    try machine.put("/usr/bin/python3.11", "")
    try machine.put("/work/bin/activate", "")
    #expect(symlink("\(machine.root)/usr/bin/python3.11", "\(machine.root)/work/bin/python3") == 0)
    try machine.putPackages(in: "/work", cuda: 13)
    try machine.putPackages(in: "/usr", cuda: 12)
    try machine.put("/usr/local/lib/python3.11/dist-packages/nvidia/cudnn/lib/libcudnn.so.9", "")
    let folders = machine.folders(machine.search(["PATH": "/work/bin"]).places)
    let site = "lib/python3.11/site-packages/nvidia"
    #expect(
      folders == [
        "(loader)", "/work/\(site)/cu13/lib", "/usr/\(site)/cublas/lib",
        "/usr/\(site)/cuda_nvrtc/lib", "/usr/local/lib/python3.11/dist-packages/nvidia/cudnn/lib",
      ])
  }

  @Test("A number in a name counts as a number")
  func newest() {
    #expect(LibrarySearch.isNewer("cuda-12.10", "cuda-12.9"))
    #expect(LibrarySearch.isNewer("cu13", "cu12") && !LibrarySearch.isNewer("cu12", "cu13"))
    #expect(LibrarySearch.isNewer("cublas", "cudnn"))
  }
}
