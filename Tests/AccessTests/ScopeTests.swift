import Access
import Base
import Testing

struct ScopeTests {
  static let subsets = (0..<32).map { bits in
    Scopes(Scope.allCases.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element))
  }

  @Test("A set allows what is in it, and everything where admin is", arguments: subsets)
  func allow(_ scopes: Scopes) {
    for scope in Scope.allCases {
      #expect(scopes.allow(scope) == (scopes.list.contains(scope) || scopes.list.contains(.admin)))
    }
  }

  @Test("A set is read back from its text, in whatever order it stands")
  func text() throws {
    for scopes in Self.subsets where !scopes.list.isEmpty {
      #expect(try Scopes(text: scopes.text) == scopes)
      #expect(try Scopes(text: scopes.list.reversed().map(\.rawValue).joined(separator: ",")) == scopes)
    }
    #expect(Self.subsets.count == 32 && Set(Self.subsets).count == 32)
  }

  @Test(
    "A word that is no scope is named with the one that was meant", arguments: ["infr", "read,wirte", "", "infer,"])
  func wrong(_ text: String) throws {
    let fault = try #require(throws: Fault.self) { try Scopes(text: text) }
    #expect(fault.kind == .usage && fault.message.contains("expected infer, upload, read, write, admin"))
    if text == "infr" { #expect(fault.message.contains("did you mean 'infer'?")) }
  }
}
