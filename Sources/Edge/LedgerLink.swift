public import Base

/// The way to the centre, as what forwards sees it; for a thread that may block.
public protocol LedgerLink: Sendable {
  /// Sends a message of entries, and gives the centre's answer to it.
  func send(_ batch: [UInt8]) throws(Fault) -> [UInt8]

  /// Sends a piece of an object, or an empty one to ask; gives how much of the object is there, or why it is not taken for now.
  func put(_ bytes: [UInt8], of digest: String, at offset: Int, total: Int) throws(Fault) -> BlobInbox.State

  /// Sends whole small objects together; gives of each, in their order, that it is whole there, or why not; `nil` where the centre takes them one
  /// by one alone.
  func put(_ pack: BlobPack) throws(Fault) -> [BlobInbox.State]?
}
