public import Items

/// Where the nodes of a fleet stand in their centre's library; nodes are named by their names.
extension LibraryKeys {
  /// All nodes, which are few enough to be read at once.
  public static let fleet = "FLEET"
  public static let fleetStatuses = "FLEETSTATUS"
  public static let fleetTokens = "FLEETTOKENS"
  public static let fleetKeys = "FLEETKEYS"

  public static func fleetNode(_ name: String) -> ItemKey { ItemKey(fleet, name) }

  public static func fleetStatus(_ name: String) -> ItemKey { ItemKey(fleetStatuses, name) }

  /// What was asked of a node's log last, and what it said.
  public static func fleetLog(_ name: String) -> ItemKey { ItemKey("FLEETLOGS", name) }

  public static let fleetCopies = "FLEETCOPIES"
  /// When two spoke with a node's key last.
  public static func fleetCopy(_ name: String) -> ItemKey { ItemKey(fleetCopies, name) }

  /// Whose a key is, or was: no key is ever two nodes'.
  public static func fleetKey(_ fingerprint: String) -> ItemKey { ItemKey(fleetKeys, fingerprint) }

  /// The last token of a name.
  public static func fleetToken(_ name: String) -> ItemKey { ItemKey(fleetTokens, name) }

  /// Written whenever a node comes, goes or is called otherwise.
  public static let fleetRevision = ItemKey("FLEETSTATE", "REVISION")
  /// The key of the door that nodes come to.
  public static let fleetDoor = ItemKey("FLEETSTATE", "DOOR")
}
