import Base
import Testing

/// What options say of devices.
struct DeviceTests {
  @Test(
    "Devices are said in any case, with their numbers, several with commas",
    arguments: [
      ("cpu", "CPU"), ("CPU", "CPU"), ("gpu", "GPU.0"), ("GPU.1", "GPU.1"), ("npu", "NPU"), ("cuda", "cuda:0"),
      ("cuda:1,cpu", "cuda:1,CPU"), ("auto", "auto"),
    ])
  func said(text: String, name: String) throws {
    let devices = try Devices(text: text)
    #expect(devices.name == name)
    #expect(try Devices(text: devices.name) == devices, "its own name means the same")
  }

  @Test(
    "What is no device is refused with what there is",
    arguments: ["", "TPU", "cpu:1", "cuda:", "cuda:x", "cpu,,npu", "gpu:99"])
  func refused(text: String) throws {
    let fault = try #require(throws: Fault.self) { try Devices(text: text) }
    #expect(fault.kind == .usage && fault.message.contains("no device") && fault.message.contains("cuda:1"))
  }

  @Test("A device is said once")
  func twice() throws {
    #expect(throws: Fault.self) { try Devices(text: "gpu,gpu:0") }
  }
}
