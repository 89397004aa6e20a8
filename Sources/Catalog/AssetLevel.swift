internal import Items

/// Which kind of groups totals are listed for.
public enum AssetLevel: String, Sendable, Hashable, CaseIterable {
  case client, brand, campaign

  /// What the keys of their totals begin with.
  public var prefix: String {
    switch self {
    case .client: CompositeKey.prefix("CLIENT")
    case .brand: CompositeKey.prefix("BRAND")
    case .campaign: CompositeKey.prefix("CAMPAIGN")
    }
  }
}
