public import Base
public import Execution
internal import Inference

extension ServedVersion {
  /// What turns words into vectors with it; `nil` where it takes no words.
  ///
  /// - Throws: `badInput` where its network is not what the manifest says.
  public func textEncoder() throws(Fault) -> TextEncoder? {
    guard let texts else { return nil }
    do throws(Fault) {
      return try TextEncoder(
        texts, digest: digest, inputs: inputs, outputs: outputs, computation: "\(engine) \(precision)",
        cache: loader.engine.cacheFolder, target: self)
    } catch { throw error.at("model \(model)") }
  }

  /// It takes words.
  public var takesWords: Bool { texts != nil }
}
