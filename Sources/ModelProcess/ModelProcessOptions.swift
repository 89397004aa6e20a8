internal import Isolation

/// How long processes that load networks may take, and what they may have.
public struct ModelProcessOptions: Sendable {
  /// Seconds for one to be read, compiled and run once.
  public var seconds = 120.0
  /// Bytes of private memory.
  public var memory = ChildProcess.usualMemory
  /// Trials at the same time.
  public var parallel = 2
  /// `nil` is this program itself.
  public var program: String?
  public var arguments = ["model-process"]

  public init() {}
}
