public import Base
public import Catalog
public import Crypto
internal import Items
internal import Library
internal import ModelHub
internal import Store

/// Signatures of versions: that the owner of a key stands for a name and a digest.
extension ModelRegistry {
  /// What is signed: the model's name and the version's digest, which is of its recipe and of the bytes of every file.
  ///
  /// The number is not in it: elsewhere the same version may have another.
  public static func signedText(model: String, digest: String) -> [UInt8] {
    Array("ridley-model-signature-1\n\(model)\n\(digest)\n".utf8)
  }

  /// Signs a version; by a key that has signed it already, nothing is changed.
  public func sign(
    _ version: RegisteredVersion, with key: Ed25519.PrivateKey, by who: String
  ) throws(Fault) -> ModelSignature {
    try Self.check(who, nil)
    let bytes = try key.signature(of: Self.signedText(model: version.model, digest: version.digest))
    let signature = ModelSignature(
      model: version.model, version: version.number, key: Hex.text(try key.publicKey.bytes),
      signature: Hex.text(bytes), by: who, signed: library.now)
    return try library.change("the model '\(version.model)'") { () throws(Fault) in
      if let item = try table.get(signature.itemKey) { return ([], try ModelSignature(item)) }
      let writes = try check(version.number, of: version.model)
      return (writes + [.put(signature.itemKey, signature.json, if: .absent)], signature)
    }
  }

  /// Who signed a version, by their keys.
  public func signatures(of version: RegisteredVersion) throws(Fault) -> [ModelSignature] {
    var found: [ModelSignature] = []
    let query = Query(
      LibraryKeys.modelPartition(version.model), .prefix(LibraryKeys.modelSignatures(of: version.number)))
    try table.forEach(query) { (item) throws(Fault) in found.append(try ModelSignature(item)) }
    return found
  }

  /// The signature of one of these keys, checked now.
  ///
  /// - Throws: `denied` with what is wrong: it is not signed, or by others, or the signature is another version's.
  public func signature(
    of version: RegisteredVersion, byOneOf keys: [Ed25519.PublicKey]
  ) throws(Fault) -> ModelSignature {
    let place = "version \(version.number) of '\(version.model)'"
    let all = try signatures(of: version)
    guard !all.isEmpty else { throw Fault(.denied, "\(place) is not signed: 'ridley model sign' does") }
    let text = Self.signedText(model: version.model, digest: version.digest)
    var isWrong = false
    for key in keys {
      let name = Hex.text(key.bytes)
      for signature in all where signature.key == name {
        if let bytes = Hex.bytes(signature.signature), key.isSignature(bytes, of: text) { return signature }
        isWrong = true
      }
    }
    guard !isWrong else {
      throw Fault(.denied, "the signature of \(place) is not one of its name and digest: somebody changed it")
    }
    let signers = all.map { String($0.key.prefix(16)) }.joined(separator: ", ")
    throw Fault(.denied, "\(place) is signed by the keys that begin with \(signers), and by none that is trusted here")
  }
}
