/// Where a network runs.
///
/// As options have it: `cpu`, `gpu`, `gpu:1`, `npu` are OpenVINO's, `cuda` and `cuda:1` those of NVIDIA, which ONNX Runtime runs; `auto` is the
/// first that works of `cuda`, `gpu`, `cpu`; with commas several run one model at the same time.
public enum Device: Sendable, Hashable {
  case cpu
  /// Intel's, by its number.
  case gpu(Int)
  case npu
  /// NVIDIA's, by its number.
  case cuda(Int)

  /// As options and reports name it: `CPU`, `GPU.0`, `NPU`, `cuda:0`.
  ///
  /// OpenVINO takes all but the last by these names.
  public var name: String {
    switch self {
    case .cpu: "CPU"
    case .gpu(let number): "GPU.\(number)"
    case .npu: "NPU"
    case .cuda(let number): "cuda:\(number)"
    }
  }

  /// One of a list, in any case, with its number after `:` or `.`; `nil` for anything else.
  public init?(_ text: String) {
    let parts = text.lowercased().split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "." }
    let number = parts.count == 1 ? 0 : parts.count == 2 ? Int(parts[1]) : nil
    guard let number, (0..<64).contains(number) else { return nil }
    switch parts[0] {
    case "cpu" where parts.count == 1: self = .cpu
    case "npu" where parts.count == 1: self = .npu
    case "gpu": self = .gpu(number)
    case "cuda": self = .cuda(number)
    default: return nil
    }
  }
}

/// The devices of one model: several run it at the same time.
public struct Devices: Sendable, Hashable {
  /// At least one, each once.
  public let list: [Device]
  /// The first that works counts, and the others do not.
  public let isChoice: Bool

  public static let cpu = Devices([.cpu])

  public init(_ list: [Device], isChoice: Bool = false) {
    precondition(!list.isEmpty, "a model runs somewhere")
    (self.list, self.isChoice) = (list, isChoice)
  }

  /// `auto`, or devices with commas.
  ///
  /// - Throws: `usage` with what may be said.
  public init(text: String) throws(Fault) {
    guard text.lowercased() != "auto" else {
      self.init([.cuda(0), .gpu(0), .cpu], isChoice: true)
      return
    }
    var list: [Device] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let device = Device(String(part)) else {
        throw Fault(
          .usage, "there is no device '\(part)': say cpu, gpu, gpu:1, npu, cuda, cuda:1, several with commas, or auto")
      }
      guard !list.contains(device) else { throw Fault(.usage, "the device '\(part)' is said twice") }
      list.append(device)
    }
    self.init(list)
  }

  /// As reports have it: `CPU`, `cuda:0,CPU`, `auto`.
  public var name: String { isChoice ? "auto" : list.map(\.name).joined(separator: ",") }
}
