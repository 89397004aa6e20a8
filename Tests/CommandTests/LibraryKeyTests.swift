import Foundation
import TestKit
import Testing

/// Keys of a library that are changed while a server of it runs.
struct LibraryKeyTests {
  private let folder = TemporaryFolder()

  @Test(
    "A server on this machine asks for keys from the first one on, takes new ones, and refuses revoked ones, within seconds"
  )
  func running() throws {
    let script = """
      ridley='\(Program.path)'; mkdir -p models
      "$ridley" serve --models models --library lib --listen 127.0.0.1:0 2>log & server=$!
      for try in $(seq 300); do grep -q 'serving at' log && break; kill -0 $server || exit 9; sleep 0.05; done
      at=$(sed -n 's/.*serving at //p' log | sed -n 1p)
      ask() { curl -s -o answer -w '%{http_code}' --max-time 5 "$@"; }
      until_status() { want=$1; shift; for try in $(seq 100); do [ "$(ask "$@")" = $want ] && break; sleep 0.1; done; ask "$@"; echo; }
      ask $at/v1/clients; echo
      key=$("$ridley" key create --client acme --user Ada --scope read --library lib --json | sed 's/.*"key":"\\([^"]*\\)".*/\\1/')
      until_status 401 $at/v1/clients
      until_status 200 -H "Authorization: Bearer $key" $at/v1/clients
      ask -c jar -X POST -H "Authorization: Bearer $key" $at/v1/session; echo
      until_status 200 -b jar $at/v1/session; cat answer; echo
      "$ridley" key revoke ${key:3:8} --library lib
      until_status 401 -H "Authorization: Bearer $key" $at/v1/clients
      until_status 401 -b jar $at/v1/session
      ask $at/v1/clients; echo
      kill -TERM $server; wait $server
      """
    let result = shell(
      ["bash", "-c", script], in: folder.path,
      environment: ["RIDLEY_HOME": folder.file("home"), "RIDLEY_FIRST_KEY": ""])
    let lines = result.output.split(separator: "\n").map(String.init)
    let statuses = lines.filter { $0.wholeMatch(of: /[0-9]{3}/) != nil }
    #expect(statuses == ["200", "401", "200", "200", "200", "401", "401", "401"], "\(result)")
    #expect(lines.contains { $0.hasPrefix(#"{"client":"acme","user":"Ada","scopes":["read"],"csrf":""#) }, "\(lines)")
  }
}
