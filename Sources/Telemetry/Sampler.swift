/// Which traces are kept, by the names that OpenTelemetry has for it.
public struct Sampler: Sendable, Hashable {
  /// What the caller decided counts, where there is a caller.
  public var asksParent = true
  /// The share of the others that is kept, 0 to 1.
  public var ratio = 1.0

  public init() {}

  /// `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`; `nil` for what is no sampler, or no share.
  public init?(name: String, argument: String?) {
    asksParent = name.hasPrefix("parentbased_")
    switch asksParent ? String(name.dropFirst("parentbased_".count)) : name {
    case "always_on": ratio = 1
    case "always_off": ratio = 0
    case "traceidratio":
      guard let share = argument.map({ Double($0) }) ?? 1, (0...1).contains(share) else { return nil }
      ratio = share
    default: return nil
    }
  }

  /// Whether a trace is kept: the same answer for the same trace everywhere, by the last 56 bits of its id.
  public func keeps(_ trace: UInt128, parent: Bool?) -> Bool {
    if asksParent, let parent { return parent }
    if ratio >= 1 { return true }
    let bits = UInt64(truncatingIfNeeded: trace) & (1 << 56 - 1)
    return Double(bits) < ratio * Double(UInt64(1) << 56)
  }
}
