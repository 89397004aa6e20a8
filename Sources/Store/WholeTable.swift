public import Base
public import Items

/// A table that can be gone through as a whole, for one who copies it: what no request may ask for.
public protocol WholeTable: TableReader {
  /// Every item, in the order in which they were written first, which is what text indexes go by; until `body` says `false`.
  func forEachItem(_ body: (Item) throws(Fault) -> Bool) throws(Fault)
}
