internal import Catalog
internal import Items

/// Where a fleet stands in its centre's library.
extension LibraryKeys {
  /// All nodes, which are few enough to be read at once.
  static let fleet = "FLEET"
  static let fleetStatuses = "FLEETSTATUS"

  static func fleetNode(_ name: NodeName) -> ItemKey { ItemKey(fleet, name.text) }

  static func fleetStatus(_ name: NodeName) -> ItemKey { ItemKey(fleetStatuses, name.text) }

  /// Whose a key is, or was: no key is ever two nodes'.
  static func fleetKey(_ fingerprint: String) -> ItemKey { ItemKey("FLEETKEYS", fingerprint) }

  /// The last token of a name.
  static func fleetToken(_ name: NodeName) -> ItemKey { ItemKey("FLEETTOKENS", name.text) }

  /// Written whenever a node comes, goes or is called otherwise.
  static let fleetRevision = ItemKey("FLEETSTATE", "REVISION")
  /// The key of the door that nodes come to.
  static let fleetDoor = ItemKey("FLEETSTATE", "DOOR")
}
