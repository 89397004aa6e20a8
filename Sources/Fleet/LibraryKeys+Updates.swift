internal import Catalog
internal import Items

/// Where updates of a fleet stand in its centre's library.
extension LibraryKeys {
  /// All updates, by their versions.
  static let fleetUpdates = "FLEETUPDATES"

  /// Whose bundles nodes take.
  static let fleetBundleKeys = ItemKey("FLEETSTATE", "BUNDLE-KEYS")

  /// The update whose bundle waits to be signed elsewhere.
  static let fleetDraft = ItemKey("FLEETSTATE", "DRAFT")

  static func fleetUpdate(_ version: Int) -> ItemKey { ItemKey(fleetUpdates, CompositeKey.number(version)) }
}
