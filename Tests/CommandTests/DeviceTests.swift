import Foundation
import TestKit
import Testing

/// `--device`, on a machine that may have none but its processor.
struct DeviceTests {
  private let folder = TemporaryFolder()

  private func analyze(_ device: String) -> ShellResult {
    let picture = folder.file("one.png")
    _ = shell(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", "1", picture])
    return Program.run(
      [
        "analyze", picture, "--model", "line-inspector", "--models", Program.models, "--device", device, "--force",
        "--output", folder.file("out"),
      ], environment: ["RIDLEY_CACHE": folder.file("cache")])
  }

  @Test("A model whose device is not there runs on the processor, and says so", arguments: ["npu", "GPU:7"])
  func absent(device: String) {
    let result = analyze(device)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("it does not run on \(device == "npu" ? "NPU" : "GPU.7")"), "\(result.errors)")
    #expect(result.errors.contains("it runs on the CPU"))
  }

  @Test("Of several devices those count that work; auto says nothing of the others; what is no device is refused")
  func several() {
    let both = analyze("GPU:7,cpu")
    #expect(both.status == 0 && both.errors.contains("does not run on GPU.7"), "\(both.errors)")
    #expect(!both.errors.contains("it runs on the CPU"))
    let chosen = analyze("auto")
    #expect(chosen.status == 0 && !chosen.errors.contains("does not run"), "\(chosen.errors)")
    #expect(analyze("tpu").status == 2)
  }
}
