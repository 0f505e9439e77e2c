// What services answer, and the small forms around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/azure_answers.h"
#include "store/azure_signature.h"
#include "store/s3_answers.h"

// The answers are those of the services' API references, shortened.

namespace claimlake::store {
namespace {

using testing::ElementsAre;

constexpr const char* kList = R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Name>bucket</Name><Prefix/><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys>
  <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
  <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
  <Contents><Key>my%2Bimage+1%26%C3%A9.jpg</Key><LastModified>2009-10-12T17:50:30.417Z</LastModified>
    <ETag>"fba9dede5f27731c9771645a39863328"</ETag><Size>434234</Size><StorageClass>STANDARD</StorageClass></Contents>
  <CommonPrefixes><Prefix>photos/</Prefix></CommonPrefixes>
</ListBucketResult>)";

TEST(S3Answers, reads_a_page_of_a_list_with_escaped_names) {
  const auto listing = parse_s3_list(kList);

  ASSERT_TRUE(listing) << listing.error().text();
  ASSERT_EQ(listing->objects.size(), 1u);
  EXPECT_EQ(listing->objects[0].path, "my+image 1&é.jpg");
  EXPECT_EQ(listing->objects[0].size, 434234);
  // Some services list milliseconds; Last-Modified of HEAD has none, and both must be one time.
  EXPECT_EQ(to_rfc3339(listing->objects[0].modified_at), "2009-10-12T17:50:30.000000Z");
  EXPECT_THAT(listing->folders, ElementsAre("photos/"));
  EXPECT_EQ(listing->next, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
}

TEST(S3Answers, reads_errors_and_uploads) {
  const ServiceError error = parse_s3_error(
      "<?xml version=\"1.0\"?><Error><Code>AuthorizationHeaderMalformed</Code>"
      "<Message>the region 'us-east-1' is wrong</Message><Region>eu-west-1</Region></Error>");
  EXPECT_EQ(error.code, "AuthorizationHeaderMalformed");
  EXPECT_EQ(error.region, "eu-west-1");

  EXPECT_EQ(*parse_s3_upload("<InitiateMultipartUploadResult><Bucket>b</Bucket>"
                             "<UploadId>VXBsb2Fk</UploadId></InitiateMultipartUploadResult>"),
            "VXBsb2Fk");
  EXPECT_EQ(s3_parts_xml({"\"a\"", "\"b\""}),
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part>"
            "<Part><PartNumber>2</PartNumber><ETag>\"b\"</ETag></Part></CompleteMultipartUpload>");
}

TEST(S3Answers, what_is_none_is_corrupt_and_shown_short) {
  for (const std::string& bad :
       {std::string(), std::string("<html>proxy</html>"), std::string("<ListBucketResult>"),
        std::string("<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents>"
                    "</ListBucketResult>"),
        std::string("<ListBucketResult><Contents><Key>a</Key><Size>1</Size>"
                    "<LastModified>yesterday</LastModified></Contents></ListBucketResult>"),
        std::string("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
        std::string(100'000, '<'), std::string("\xff\xfe\0x", 4)}) {
    const auto listing = parse_s3_list(bad);
    ASSERT_FALSE(listing) << bad;
    EXPECT_EQ(listing.error().fault, Fault::kCorrupt);
    EXPECT_LT(listing.error().message.size(), 200u);
  }
  EXPECT_FALSE(parse_s3_upload("<InitiateMultipartUploadResult/>"));
  EXPECT_EQ(parse_s3_error("<html>").code, "");
}

TEST(AzureAnswers, reads_a_page_of_a_list_without_its_folders) {
  const auto listing = parse_azure_list(
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>"
      "<EnumerationResults ServiceEndpoint=\"https://a.blob.core.windows.net/\" "
      "ContainerName=\"c\">"
      "<Blobs><Blob><Name>a b+c</Name><Properties><Last-Modified>Wed, 09 Sep 2009 09:20:03 GMT"
      "</Last-Modified><Content-Length>1024</Content-Length></Properties></Blob>"
      "<Blob><Name Encoded=\"true\">x%EF%BF%BE+</Name><Properties><Last-Modified>Wed, 09 Sep 2009 "
      "09:20:03 GMT</Last-Modified><Content-Length>0</Content-Length></Properties></Blob>"
      "<Blob><Name>folder</Name><Properties><ResourceType>directory</ResourceType></Properties>"
      "</Blob><BlobPrefix><Name>d/</Name></BlobPrefix></Blobs><NextMarker>m</NextMarker>"
      "</EnumerationResults>");

  ASSERT_TRUE(listing) << listing.error().text();
  ASSERT_EQ(listing->objects.size(), 2u);
  EXPECT_EQ(listing->objects[0].path, "a b+c");
  EXPECT_EQ(listing->objects[0].size, 1024);
  EXPECT_EQ(to_rfc3339(listing->objects[0].modified_at), "2009-09-09T09:20:03.000000Z");
  EXPECT_EQ(listing->objects[1].path, "x\xef\xbf\xbe+");
  EXPECT_THAT(listing->folders, ElementsAre("d/"));
  EXPECT_EQ(listing->next, "m");
}

TEST(AzureAnswers, what_is_none_is_corrupt) {
  for (const char* bad :
       {"", "<html/>",
        "<EnumerationResults><Blobs><Blob><Name>a</Name></Blob></Blobs></EnumerationResults>"}) {
    const auto listing = parse_azure_list(bad);
    ASSERT_FALSE(listing) << bad;
    EXPECT_EQ(listing.error().fault, Fault::kCorrupt);
  }
}

TEST(AzureSignature, signs_the_published_text) {
  AzureRequest request{.method = "GET", .account = "myaccount", .path = "/mycontainer"};
  request.query = {{"restype", "container"}, {"comp", "metadata"}, {"timeout", "20"}};
  request.headers.add("x-ms-version", "2015-02-21");
  request.headers.add("x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT");

  EXPECT_EQ(azure_text_to_sign(request),
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n"
            "x-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\n"
            "timeout:20");
}

TEST(HttpDate, is_written_and_read_as_the_standard_shows_it) {
  const auto time = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110

  ASSERT_TRUE(time) << time.error().text();
  EXPECT_EQ(to_rfc3339(*time), "1994-11-06T08:49:37.000000Z");
  EXPECT_EQ(to_http_date(*time), "Sun, 06 Nov 1994 08:49:37 GMT");
  for (const char* bad : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
                          "Sun, 06 Nov 1994 28:49:37 GMT", "Sun, 06 ovD 1994 08:49:37 GMT"}) {
    EXPECT_FALSE(parse_http_date(bad)) << bad;
  }
}

}  // namespace
}  // namespace claimlake::store
