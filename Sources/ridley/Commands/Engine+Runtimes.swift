import Base
import Inference
import LiteRT
import ONNXRuntime

extension Engine {
  /// What runs networks in this program besides OpenVINO: opened only where a network wants it.
  static let runtimes: [any NetworkRuntime] = [ONNXRuntime(), LiteRT()]

  /// The engine with all of them.
  static func ofProgram(cacheFolder: String?) throws(Fault) -> Engine {
    try Engine(cacheFolder: cacheFolder, runtimes: runtimes)
  }
}
