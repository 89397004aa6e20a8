public import Base

/// What an ONNX file says: the operators that it uses, the names of its ports, and the tensors that stand in other files.
///
/// Messages and their field numbers are those of `onnx.proto`, <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>.
public struct ONNXFile: Sendable, Hashable {
  public struct Operator: Sendable, Hashable {
    /// Empty for ONNX's own.
    public let domain: String
    public let name: String
    /// Of the attributes in ``watched`` that it sets: the number, 1 for a list with anything but zeros in it, or what stands for a
    /// word in ``words``.
    public var attributes: [String: Int] = [:]

    /// Those that decide whether the engine has the operator right.
    static let watched: Set<String> = [
      "antialias", "axes", "ceil_mode", "count_include_pad", "exclude_outside", "keep_aspect_ratio_policy", "mode",
      "nearest_mode", "noop_with_empty_axes", "pads", "sampling_ratio",
    ]

    /// All others are 0.
    public static let words = [
      "max": 1, "linear": 2, "cubic": 3, "not_larger": 1, "not_smaller": 1, "round_prefer_ceil": 1,
    ]
  }

  /// A tensor whose bytes stand in another file.
  public struct ExternalTensor: Sendable, Hashable {
    public var name = ""
    /// As the file writes it; see ``NetworkParts`` for what may stand there.
    public var location = ""
    var offset: String?
    var length: String?
  }

  /// The version of ONNX's own operators; 0 where the file does not say.
  public internal(set) var opset = 0
  /// Each once, those in subgraphs and functions too.
  public internal(set) var operators: Set<Operator> = []
  public internal(set) var externals: [ExternalTensor] = []
  /// Of the graph, in its order; without those that have a value in the file.
  public internal(set) var inputs: [String] = []
  public internal(set) var outputs: [String] = []
  /// How many places the table has that an input's numbers count, by the input's name: the smallest, where there are several.
  public internal(set) var tables: [String: Int] = [:]
  /// Some of its weights are floats of 16 bits.
  public internal(set) var usesHalf = false
  /// Why ONNX calls the network invalid, so that no reading of it is the right one: see ``ONNXChecker``.
  public internal(set) var flaw: String?

  /// Reads structure alone: numbers of tensors are passed over.
  ///
  /// Takes a few milliseconds for thousands of operators. A network that ONNX calls invalid is read all the same, with ``flaw``.
  ///
  /// - Throws: `badInput` where the file is damaged, or nested deeper or named longer than any network.
  public init(_ path: String) throws(Fault) {
    var reader = ONNXReader(try FileWindow(path))
    do throws(Damaged) { self = try reader.contents() } catch {
      throw Fault(.badInput, "the ONNX file \(path) is damaged: a part of it leads nowhere; export it again")
    }
  }

  init() {}
}
