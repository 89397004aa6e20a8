public import Base
internal import Crypto

/// Objects whose bytes can be had as files of this machine, for what opens files by their paths.
public protocol FileObjects: ObjectStore {
  /// What this machine may write of them.
  var allowance: WriteAllowance { get }

  /// The file with an object's bytes, which is fetched first where it stands elsewhere; whether the object is there is another question
  /// where nothing has to be fetched.
  ///
  /// The file stays while a program uses it as its newest ones.
  func file(of name: ObjectName) throws(Fault) -> String

  /// Reads the bytes of that file and compares them with its name; calls `each` now and then meanwhile.
  func verifyFile(of name: ObjectName, each: () -> Void) throws(Fault) -> ObjectState

  /// An address with which anybody may read the object for so many seconds; `nil` where there is none.
  func address(of name: ObjectName, seconds: Int, contentType: String?, fileName: String?) throws(Fault) -> String?

  /// Has all machines see an object that stands in this one's folder, as an upload does that is whole.
  func share(_ local: StoredObject) throws(Fault) -> StoredObject

  /// Makes an object of a file that nobody writes any more, without copying its bytes where it lies beside them; it stays where it is.
  ///
  /// What is written to the file later would be written to the object.
  func adopt(file path: String) throws(Fault) -> StoredObject

  /// Takes away what this machine has beside the store of objects that nothing refers to any more, but what others on it hold.
  func dropCopies(unless isReferenced: (ObjectName) throws(Fault) -> Bool) throws(Fault)

  /// Takes away what this machine has beside the store that nobody on it used for long.
  func trimCopies() throws(Fault)

  /// From now on so many bytes may be copies of what the store has; those that nobody else holds go at once where there are more.
  ///
  /// To be called where this process reads none of them: it holds none afterwards.
  func limitCopies(to byteCount: Int) throws(Fault)

  /// Takes bytes away that were refused, where nothing else holds or refers to them; else, or where that cannot be told, a collection does.
  func discard(_ stored: StoredObject, isReferenced: (ObjectName) throws(Fault) -> Bool) throws(Fault)
}

extension ObjectFolder: FileObjects {
  public func share(_ local: StoredObject) -> StoredObject { local }

  public func adopt(file path: String) throws(Fault) -> StoredObject {
    let name = ObjectName(try SHA256.hex(ofFile: path))!
    let byteCount = try FileSystem.byteCount(of: path)
    if let lease = try link(path, as: name) {
      return StoredObject(name: name, byteCount: byteCount, lease: lease)
    }
    let writer = try write(ObjectPlan(byteCount: byteCount, name: name))
    try FileSystem.forEachBlock(of: path) { (block) throws(Fault) in try unsafe writer.append(block.span.bytes) }
    return try writer.finish()
  }
  public func address(of name: ObjectName, seconds: Int, contentType: String?, fileName: String?) -> String? { nil }
  public func dropCopies(unless isReferenced: (ObjectName) throws(Fault) -> Bool) {}
  public func trimCopies() {}
  public func limitCopies(to byteCount: Int) {}

  public func verifyFile(of name: ObjectName, each: () -> Void) throws(Fault) -> ObjectState {
    try verify(name, each: each)
  }
}

extension ObjectStore {
  public func verify(_ name: ObjectName) throws(Fault) -> ObjectState { try verify(name, each: {}) }
}
