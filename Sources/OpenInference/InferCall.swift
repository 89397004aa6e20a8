public import Base

/// One inference request, independent of the model that it is for.
public struct InferCall: Sendable, Hashable {
  /// The caller's own name for it, sent back with the answer.
  public var id: String?
  /// Each name once, in the order of the request.
  public var inputs: [Input]
  /// `nil` where all outputs are wanted, in the model's order.
  public var outputs: [WantedOutput]?
  /// Microseconds from its arrival after which the client does not wait for the answer, at least 1.
  public var timeout: Int?
  /// 1 is the most urgent; 0 where the caller leaves it open.
  public var priority: Int
  /// Whether outputs go out as binary data where `outputs` does not say.
  public var binaryByDefault: Bool

  public init(
    id: String? = nil, inputs: [Input], outputs: [WantedOutput]? = nil, timeout: Int? = nil, priority: Int = 0,
    binaryByDefault: Bool = false
  ) {
    (self.id, self.inputs, self.outputs, self.timeout) = (id, inputs, outputs, timeout)
    (self.priority, self.binaryByDefault) = (priority, binaryByDefault)
  }

  /// One tensor that the caller sends.
  public struct Input: Sendable, Hashable {
    public var name: String
    public var element: ElementType
    public var shape: [Int]
    public var content: Content

    public init(name: String, element: ElementType, shape: [Int], content: Content) {
      (self.name, self.element, self.shape, self.content) = (name, element, shape, content)
    }

    /// Bytes of the whole tensor.
    public var byteCount: Int {
      switch content {
      case .body(let range): range.count
      case .values(let bytes): bytes.count
      }
    }
  }

  /// Where a tensor's bytes are: little-endian, in row-major order; strings behind their lengths in 4 bytes each.
  public enum Content: Sendable, Hashable {
    /// A part of the request's body.
    case body(Range<Int>)
    /// Read from JSON.
    case values([UInt8])
  }
}

/// An output that the caller asks for, and the form of it.
public struct WantedOutput: Sendable, Hashable {
  public var name: String
  /// As raw bytes behind the answer's JSON, not in it.
  public var binary: Bool
  /// How many of the highest scores are wanted instead of the tensor, at least 1.
  public var classes: Int?

  public init(name: String, binary: Bool, classes: Int? = nil) {
    (self.name, self.binary, self.classes) = (name, binary, classes)
  }
}
