/// How the entries of one index differ from a rebuild.
public struct IndexReport: Sendable, Hashable {
  public let index: String
  public let items: Int
  /// Entries that items should have and the index lacks, or has with other contents.
  public let missing: Int
  /// Entries that stand there otherwise than items should have them.
  public let surplus: Int

  public var isRight: Bool { missing == 0 && surplus == 0 }

  public init(index: String, items: Int, missing: Int, surplus: Int) {
    (self.index, self.items, self.missing, self.surplus) = (index, items, missing, surplus)
  }
}
