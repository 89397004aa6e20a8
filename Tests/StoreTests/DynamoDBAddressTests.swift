import Base
import DynamoDB
import Foundation
import Objects
import Store
import Testing

struct DynamoDBAddressTests {
  private func fault(_ body: () throws -> Void) -> Fault? {
    do { try body() } catch { return error as? Fault }
    return nil
  }

  @Test func `an address names a region and a table, and a server where it is not Amazon's`() throws {
    #expect(
      try DynamoDBAddress("dynamodb://eu-central-1/ridley.main_2").shown == "dynamodb://eu-central-1/ridley.main_2")
    let emulator = try DynamoDBAddress("dynamodb://us-east-1/ridley?endpoint=http://127.0.0.1:8000")
    #expect(emulator.table == "ridley" && emulator.region == "us-east-1")
    let named = ["RIDLEY_DYNAMODB_ENDPOINT": "http://127.0.0.1:8000"]
    #expect(try DynamoDBAddress("dynamodb://us-east-1/ridley", environment: named) == emulator)
    for text in [
      "dynamodb://", "dynamodb://ridley", "dynamodb://us-east-1/", "dynamodb:///ridley", "dynamodb://us-east-1/ab",
      "dynamodb://us-east-1/ridley/x", "dynamodb://us east/ridley", "dynamodb://us-east-1/rid ley", "postgres://h/d",
      "dynamodb://us-east-1/ridley?region=x", "dynamodb://user:s3cret@us-east-1/ridley",
    ] {
      let fault = fault { _ = try DynamoDBAddress(text) }
      #expect(fault?.kind == .usage && fault?.message.contains("s3cret") == false, "\(text)")
    }
  }

  @Test func `who asks must be said, a server that is not there is told, and no secret is`() throws {
    let schema = sample
    let address = "dynamodb://us-east-1/ridley?endpoint=http://127.0.0.1:1"
    let nobody = ["AWS_EC2_METADATA_DISABLED": "true"]
    #expect(fault { _ = try DynamoDBTable(address, schema: schema, environment: nobody) }?.kind == .usage)
    let environment = ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_SESSION_TOKEN": "t0ken"]
    var settings = DynamoDBTable.Settings()
    settings.retrySeconds = 0
    for endpoint in ["http://127.0.0.1:1", "http://user:s3cret@h", "ftp://s3cret", ""] {
      let fault = fault {
        _ = try DynamoDBTable(
          "dynamodb://us-east-1/ridley?endpoint=\(endpoint)", schema: schema, environment: environment,
          settings: settings)
      }
      #expect(fault?.kind == (endpoint.hasSuffix(":1") ? .unavailable : .usage), "\(endpoint)")
      #expect(fault.map { !"\($0.message) \($0.cause ?? "")".contains("s3cret") } == true)
    }
  }

  @Test func `the definition of a table is what the service is asked to make`() throws {
    let text = try DynamoDBTable.definition(of: "dynamodb://us-east-1/ridley")
    let definition = try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
    #expect(definition["TableName"] as? String == "ridley")
    #expect((definition["KeySchema"] as? [[String: String]])?.map { $0["AttributeName"] } == ["pk", "sk"])
    #expect((definition["AttributeDefinitions"] as? [[String: String]])?.map { $0["AttributeType"] } == ["S", "S"])
  }
}
