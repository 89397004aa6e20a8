/// The library that runs a network, as manifests, configurations and options name it.
public enum EngineChoice: String, Sendable, Hashable, CaseIterable {
  /// OpenVINO; the network's own runtime where OpenVINO does not run it, or is known to compute it wrongly.
  case auto
  case openvino
  case onnxruntime
  case litert

  /// Whole numbers come through it in all their bits.
  public var carriesWholeNumbers: Bool { self != .auto && self != .openvino }
}
