import Access
import Base
import Glibc

/// The key that a server makes for itself where there is none yet, so that an image can be looked at with one command.
///
/// Made only where `RIDLEY_FIRST_KEY` is 1, as images of ridley have it: what a log shows is read by more than one pair of eyes, so
/// this key ends after a day and changes nothing.
enum FirstKey {
  private static let seconds = 86_400

  static var isWanted: Bool { getenv("RIDLEY_FIRST_KEY").map { String(cString: $0) } == "1" }

  /// Makes one where there is none, and shows it this once; `words` is what other commands need for the same keys.
  static func make(in store: any KeyStore, words: String) throws(Fault) {
    guard try store.read().keys.isEmpty else { return }
    let date = Clock.date
    let made = try store.change(stillWanted: { true }) { (list) throws(Fault) -> NewKey? in
      guard list.keys.isEmpty else { return nil }
      var system = SystemRandomNumberGenerator()
      let scopes = try Scopes(text: "infer,read")
      let request = KeyRequest(client: "first", scopes: scopes, rate: nil, expires: date + seconds)
      return list.create(request, at: date, using: &system)
    }
    guard let made else { return }
    Terminal.confide(
      """
      ridley: there were no keys in \(store.place), so here is one for a first look: for infer and read, until tomorrow
        \(made.text)
      ridley: make your own with 'ridley key create --client NAME --scope infer\(words)', and 'ridley key revoke \(made.key.id)\(words)'

      """)
  }
}
