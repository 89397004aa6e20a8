public import Base

/// A library besides OpenVINO that runs networks: a port.
///
/// It is opened when a network first wants it, and costs nothing before. Any thread.
public protocol NetworkRuntime: AnyObject, Sendable {
  /// What manifests and options call it.
  var choice: EngineChoice { get }
  /// What people call it: `ONNX Runtime`.
  var name: String { get }
  /// The version that is installed, found without opening it; `nil` where none is.
  var installedVersion: String? { get }

  /// Opens a network file of its format, whose form was looked at before.
  ///
  /// - Throws: `unavailable` where the library is not installed, is of another version or does not load; `unsupported` with the
  ///   operator's name where it cannot run the network; `badInput` where the file is damaged.
  func open(_ path: String) throws(Fault) -> any OpenNetwork
}

/// A network as another runtime has read it: not yet compiled.
public protocol OpenNetwork: AnyObject, Sendable {
  var inputs: [TensorSpec] { get }
  var outputs: [TensorSpec] { get }
  /// The library, and its name with the version: `ONNX Runtime 1.32.0`.
  var choice: EngineChoice { get }
  var engine: String { get }

  /// Makes it ready to run, as often as inferences run at the same time.
  ///
  /// - Throws: `unsupported` where it does not take such inputs, or cannot run.
  func compile(_ setting: RuntimeSetting) throws(Fault) -> [any BatchRunner]
}

/// How another runtime is to run a network.
public struct RuntimeSetting: Sendable, Hashable {
  /// The sides of each input; the first is `nil` where batches come in any size up to ``batch``.
  public var shapes: [[Int?]]
  /// Inferences at the same time.
  public var streams: Int
  /// Threads of each.
  public var threads: Int
  public var batch: Int
  /// As the file says: nothing is fused or put into another order, and kernels are the plain ones.
  public var isPlain: Bool
  /// NVIDIA's device that it is to run on, by its number; `nil` is the processor.
  public var cuda: Int?

  public init(shapes: [[Int?]], streams: Int, threads: Int, batch: Int, isPlain: Bool = false) {
    (self.shapes, self.streams, self.threads, self.batch) = (shapes, streams, threads, batch)
    self.isPlain = isPlain
  }
}
