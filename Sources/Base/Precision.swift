/// Arithmetic inside a network, as manifests, pipelines, configurations and options name it.
public enum Precision: String, Sendable, Hashable, CaseIterable {
  /// Full precision: the same answer on every machine, up to rounding.
  case f32
  /// Faster where the processor has it; scores move in the second or third digit.
  case bf16
  /// What the engine likes best on this machine.
  case auto
}
