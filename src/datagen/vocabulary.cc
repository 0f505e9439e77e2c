#include "datagen/vocabulary.h"

#include <algorithm>

namespace claimlake::datagen {
namespace {

using enum Species;

constexpr std::string_view kFirstNames[] = {
    "Ada",   "Alan",  "Amber", "Anna", "Ben",   "Carla", "Carlos", "Chen",  "Clara", "Dana",
    "David", "Diego", "Elena", "Emil", "Emma",  "Erik",  "Eva",    "Felix", "Fiona", "George",
    "Grace", "Hana",  "Henry", "Ines", "Iris",  "Ivan",  "Jack",   "Jane",  "Joan",  "Karl",
    "Kira",  "Leo",   "Lina",  "Luis", "Maria", "Mark",  "Maya",   "Milo",  "Nina",  "Noah",
    "Nora",  "Olga",  "Omar",  "Paul", "Rosa",  "Ruth",  "Sara",   "Tom"};

constexpr std::string_view kLastNames[] = {
    "Adams",  "Allen", "Baker", "Bell",   "Brown", "Carter", "Clark",  "Cole",  "Cook",  "Cruz",
    "Davis",  "Diaz",  "Evans", "Fisher", "Ford",  "Garcia", "Gray",   "Green", "Hall",  "Hill",
    "Hughes", "Jones", "King",  "Kim",    "Lee",   "Lopez",  "Martin", "Meyer", "Moore", "Nelson",
    "Ortiz",  "Perez", "Price", "Reed",   "Reyes", "Rossi",  "Smith",  "Stone", "Ward",  "Young"};

constexpr std::string_view kPetNames[] = {
    "Bella",  "Luna",   "Max",     "Charlie", "Buddy",  "Rocky",  "Daisy", "Milo",   "Coco",
    "Lucy",   "Nala",   "Simba",   "Oscar",   "Ruby",   "Teddy",  "Zoe",   "Loki",   "Pepper",
    "Ginger", "Shadow", "Biscuit", "Willow",  "Archie", "Hazel",  "Finn",  "Maple",  "Bear",
    "Penny",  "Gus",    "Olive",   "Tucker",  "Rosie",  "Jasper", "Poppy", "Murphy", "Stella",
    "Ziggy",  "Sadie",  "Bruno",   "Cleo",    "Rex",    "Mocha",  "Scout", "Misty",  "Sunny"};

constexpr std::string_view kStreets[] = {"Main St",  "Oak Ave",   "Maple Dr", "Cedar Ln",
                                         "Park Ave", "Elm St",    "Lake Rd",  "Hill St",
                                         "Pine Ct",  "Sunset Dr", "2nd Ave",  "Mill Rd"};

constexpr std::string_view kColors[] = {"Black", "White",   "Brown", "Golden", "Gray",
                                        "Cream", "Spotted", "Tan",   "Tabby"};

constexpr City kCities[] = {
    {"Austin", "TX", "78701", "512"},      {"Dallas", "TX", "75201", "214"},
    {"Houston", "TX", "77002", "713"},     {"Chicago", "IL", "60601", "312"},
    {"Boston", "MA", "02108", "617"},      {"Newark", "NJ", "07102", "973"},
    {"Denver", "CO", "80202", "303"},      {"Seattle", "WA", "98101", "206"},
    {"Portland", "OR", "97201", "503"},    {"Miami", "FL", "33101", "305"},
    {"Tampa", "FL", "33602", "813"},       {"Atlanta", "GA", "30303", "404"},
    {"Phoenix", "AZ", "85004", "602"},     {"Columbus", "OH", "43215", "614"},
    {"Cleveland", "OH", "44114", "216"},   {"Detroit", "MI", "48226", "313"},
    {"Albany", "NY", "12207", "518"},      {"New York", "NY", "10001", "212"},
    {"Raleigh", "NC", "27601", "919"},     {"Charlotte", "NC", "28202", "704"},
    {"Los Angeles", "CA", "90012", "213"}, {"San Diego", "CA", "92101", "619"},
    {"Minneapolis", "MN", "55401", "612"}, {"Nashville", "TN", "37201", "615"}};

constexpr Breed kBreeds[] = {{"Labrador Retriever", kDog, 550, 800, 105, 105},
                             {"Golden Retriever", kDog, 550, 750, 110, 115},
                             {"German Shepherd", kDog, 500, 900, 110, 115},
                             {"French Bulldog", kDog, 190, 280, 135, 125},
                             {"Bulldog", kDog, 400, 500, 130, 125},
                             {"Poodle", kDog, 450, 700, 95, 100},
                             {"Beagle", kDog, 200, 300, 100, 95},
                             {"Rottweiler", kDog, 800, 1350, 110, 125},
                             {"Dachshund", kDog, 160, 320, 105, 115},
                             {"Boxer", kDog, 500, 800, 115, 120},
                             {"Siberian Husky", kDog, 350, 600, 90, 95},
                             {"Great Dane", kDog, 1100, 1750, 115, 140},
                             {"Chihuahua", kDog, 30, 60, 85, 80},
                             {"Pug", kDog, 140, 180, 120, 110},
                             {"Corgi", kDog, 220, 300, 95, 100},
                             {"Border Collie", kDog, 300, 550, 85, 95},
                             {"Shih Tzu", kDog, 90, 160, 100, 90},
                             {"Australian Shepherd", kDog, 400, 650, 90, 95},
                             {"Yorkshire Terrier", kDog, 40, 70, 100, 85},
                             {"Mixed Breed", kDog, 200, 700, 80, 90},
                             {"Domestic Shorthair", kCat, 80, 120, 85, 90},
                             {"Domestic Longhair", kCat, 80, 130, 90, 90},
                             {"Siamese", kCat, 60, 120, 100, 100},
                             {"Persian", kCat, 70, 120, 125, 115},
                             {"Maine Coon", kCat, 110, 220, 110, 115},
                             {"Ragdoll", kCat, 100, 200, 105, 105},
                             {"Bengal", kCat, 80, 150, 95, 100},
                             {"Sphynx", kCat, 60, 120, 120, 110},
                             {"British Shorthair", kCat, 90, 170, 105, 105},
                             {"Scottish Fold", kCat, 60, 130, 115, 115},
                             {"Abyssinian", kCat, 60, 100, 100, 100},
                             {"Birman", kCat, 70, 120, 95, 95},
                             {"Russian Blue", kCat, 70, 120, 85, 90},
                             {"Devon Rex", kCat, 60, 90, 105, 105},
                             {"Exotic Shorthair", kCat, 80, 140, 115, 110},
                             {"Parakeet", kBird, 2, 3, 90, 70},
                             {"Cockatiel", kBird, 2, 3, 95, 75},
                             {"Canary", kBird, 2, 2, 90, 60},
                             {"African Grey", kBird, 8, 12, 110, 120},
                             {"Macaw", kBird, 18, 35, 110, 130},
                             {"Lovebird", kBird, 2, 2, 95, 70},
                             {"Cockatoo", kBird, 7, 22, 115, 120},
                             {"Rabbit", kExotic, 30, 90, 115, 100},
                             {"Ferret", kExotic, 15, 40, 120, 110},
                             {"Guinea Pig", kExotic, 15, 30, 100, 75},
                             {"Bearded Dragon", kExotic, 6, 12, 90, 95},
                             {"Leopard Gecko", kExotic, 5, 7, 80, 80},
                             {"Hedgehog", kExotic, 8, 25, 100, 90},
                             {"Chinchilla", kExotic, 9, 15, 95, 95}};

constexpr Plan kPlans[] = {{"Basic", 2'500, 500, 5'000, 70, 25, 15, 5},
                           {"Standard", 4'500, 250, 15'000, 80, 40, 30, 12},
                           {"Premium", 7'500, 100, 30'000, 90, 60, 50, 25},
                           {"Unlimited", 12'000, 0, 999'999, 100, 75, 65, 40}};

constexpr ClaimType kClaimTypes[] = {
    {"Wellness Exam", "Preventive", 50, 150, 360, 150, 110, false},
    {"Vaccination", "Preventive", 75, 200, 280, 200, 70, true},
    {"Dental Cleaning", "Dental", 200, 800, 100, 40, 160, true},
    {"Spay/Neuter", "Surgery", 200, 500, 20, 300, 10, true},
    {"Orthopedic Surgery", "Surgery", 2'000, 8'000, 2, 60, 250, true},
    {"ACL Surgery", "Surgery", 3'000, 6'000, 2, 50, 180, true},
    {"Emergency Visit", "Emergency", 150, 500, 55, 110, 130, false},
    {"Foreign Object Removal", "Emergency", 1'500, 5'000, 3, 220, 50, true},
    {"Poisoning Treatment", "Emergency", 500, 3'000, 5, 150, 60, true},
    {"Fracture Treatment", "Emergency", 1'000, 4'000, 4, 120, 110, false},
    {"Hospitalization", "Emergency", 500, 3'000, 5, 70, 220, false},
    {"X-Ray", "Diagnostic", 100, 400, 80, 70, 150, false},
    {"Blood Test", "Diagnostic", 80, 250, 90, 60, 190, false},
    {"Allergy Treatment", "Illness", 100, 500, 70, 70, 100, true},
    {"Skin Condition", "Illness", 150, 600, 60, 90, 110, false},
    {"Ear Infection", "Illness", 100, 300, 70, 100, 100, true},
    {"Digestive Issues", "Illness", 200, 800, 50, 140, 120, false},
    {"Cancer Treatment", "Chronic", 3'000, 15'000, 1, 10, 300, false},
    {"Diabetes Management", "Chronic", 500, 2'000, 6, 10, 300, true},
    {"Heart Condition", "Chronic", 1'000, 5'000, 2, 20, 300, false}};

}  // namespace

std::span<const std::string_view> first_names() { return kFirstNames; }
std::span<const std::string_view> last_names() { return kLastNames; }
std::span<const std::string_view> pet_names() { return kPetNames; }
std::span<const std::string_view> streets() { return kStreets; }
std::span<const std::string_view> colors() { return kColors; }
std::span<const City> cities() { return kCities; }
std::span<const Breed> breeds() { return kBreeds; }
std::span<const Plan> plans() { return kPlans; }
std::span<const ClaimType> claim_types() { return kClaimTypes; }

std::span<const Breed> breeds_of(Species species) {
  const auto is = [species](const Breed& breed) { return breed.species == species; };
  const auto first = std::find_if(std::begin(kBreeds), std::end(kBreeds), is);
  return {first, std::find_if_not(first, std::end(kBreeds), is)};
}

bool comes_from(const ClaimType& type, Condition condition) {
  switch (condition) {
    case kNoCondition:
      return false;
    case kAllergies:
      return type.name == "Allergy Treatment" || type.name == "Skin Condition";
    case kHips:
    case kArthritis:
      return type.name == "Orthopedic Surgery";
    case kDiabetes:
      return type.name == "Diabetes Management";
    case kHeart:
      return type.name == "Heart Condition";
  }
  return false;
}

}  // namespace claimlake::datagen
