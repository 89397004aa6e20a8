import Access
import Base
import Gateway
import Jobs
import Library
import ModelHub

/// Whom a server lets in: by keys of a file that is named, of its library, or of the usual file.
extension ServeCommand {
  func library(_ configuration: ServeConfiguration) throws(Fault) -> Library? {
    try configuration.library.map { (folder) throws(Fault) in
      // Callers wait for it, and are told to come again.
      try LibraryPlace.library(folder, patience: 3)
    }
  }

  /// The library's jobs; what its parts do not keep at a loss of power is told.
  func jobs(_ configuration: ServeConfiguration) throws(Fault) -> JobDesk? {
    let jobs = try library(configuration).map { (library) throws(Fault) in try JobPlace.desk(of: library) }
    for sentence in jobs.map(SharedPlace.promises) ?? [] { Terminal.complain("ridley: \(sentence)\n") }
    return jobs
  }

  /// Takes keys as they come and go; gives what ends that.
  func follow(_ keys: KeyRing?) -> [@Sendable () -> Void] {
    keys.map { [KeyWatch($0) { Terminal.complain(of: $0) }.stop] } ?? []
  }

  /// Beyond this machine, and for those whom a proxy brings from there, no client is let in without a key.
  ///
  /// On this machine alone one is needed where a file of keys is named, or where the library has some.
  func keyRing(_ configuration: ServeConfiguration, _ library: Library?) throws(Fault) -> KeyRing? {
    let isOpen = !configuration.listen.isLoopback || !configuration.trustedProxies.isEmpty
    let inLibrary = configuration.keys == nil ? library.map(LibraryKeyStore.init) : nil
    let need: KeyRing.Need =
      isOpen || configuration.keys != nil ? .always : inLibrary == nil ? .never : .onceThereAreKeys
    // Without a home there is no usual file of keys, and where none is needed none is missed.
    if need == .never, try Hub.standard().home == nil { return nil }
    let store: any KeyStore = if let inLibrary { inLibrary } else { try KeyPlace.file(configuration.keys) }
    let words = KeyPlace.words(keys: configuration.keys, library: configuration.library)
    if need == .always, configuration.keys == nil, FirstKey.isWanted { try FirstKey.make(in: store, words: words) }
    let ring = try KeyRing(store, sessions: library.map(LibrarySessionStore.init), need: need)
    guard ring.count > 0 || need != .always else { throw noKeys(store.place, words, configuration) }
    return ring
  }

  private func noKeys(_ place: String, _ words: String, _ configuration: ServeConfiguration) -> Fault {
    let way = configuration.keys == nil ? "listen at 127.0.0.1" : "ask for none on this machine alone"
    return Fault(
      .denied,
      "there are no keys in \(place), so nobody could be let in: make one with 'ridley key create --client NAME --scope infer\(words)', \(usualFile(configuration))or \(way)"
    )
  }

  /// Keys that a server had before it had a library.
  private func usualFile(_ configuration: ServeConfiguration) -> String {
    guard configuration.keys == nil, configuration.library != nil, let file = try? KeyPlace.file(nil),
      let keys = try? file.read().keys, !keys.isEmpty
    else { return "" }
    return "go on with those of a file by --keys \(file.path), "
  }
}
