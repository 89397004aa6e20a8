import Foundation
import TestKit
import Testing

/// A library in a table of DynamoDB, as somebody at the machine has it.
struct DynamoDBCommandTests {
  private let folder = TemporaryFolder()

  private func ridley(_ words: [String], _ environment: [String: String] = DynamoDBServer.environment) -> ShellResult {
    Program.run(words, in: folder.path, environment: environment)
  }

  @Test func `the table of a library is told, and a place that is none is refused`() {
    let told = ridley(["library", "table", "dynamodb://eu-central-1/films"])
    #expect(told.status == 0 && told.output.hasPrefix("{\"TableName\":\"films\""), "\(told.errors)")
    let wrong = ridley(["library", "table", "postgres://h/d"])
    #expect(wrong.status == 2 && wrong.errors.contains("dynamodb://REGION/TABLE"), "\(wrong.errors)")
    let nobody = ridley(["library", "table", "dynamodb://eu-central-1/films", "--make"], ["AWS_ACCESS_KEY_ID": ""])
    #expect(nobody.status == 2 && nobody.errors.contains("AWS_SECRET_ACCESS_KEY"), "\(nobody.errors)")
  }

  @Test(.enabled(if: DynamoDBServer.isThere))
  func `a library is opened by its address; without a bus there are jobs of other engines alone`() throws {
    var environment = DynamoDBServer.environment
    environment["RIDLEY_DYNAMODB_ENDPOINT"] = "http://127.0.0.1:\(try DynamoDBServer.shared.get().port)"
    let place = "dynamodb://us-east-1/commands-\(URL(filePath: folder.path).lastPathComponent)"
    let list = ["library", "list", "--store", place, "--library", "lib", "--client", "acme"]
    let missing = ridley(list, environment)
    #expect(missing.status != 0 && missing.errors.contains("'ridley library table'"), "\(missing.errors)")
    #expect(ridley(["library", "table", place, "--make"], environment).status == 0)
    #expect(ridley(list, environment).status == 0)
    let again = ridley(["library", "table", place, "--make"], environment)
    #expect(again.status != 0 && again.errors.contains("already"), "\(again.errors)")
    #expect(ridley(["job", "list", "--store", place, "--library", "lib"], environment).status == 0)
    for words in [["worker", "--until-idle"], ["trigger", "run", "--once"]] {
      let refused = ridley(words + ["--store", place, "--library", "lib"], environment)
      #expect(refused.status != 0 && refused.errors.contains("RIDLEY_BUS=redis://HOST"), "\(words) \(refused.errors)")
    }
  }
}
