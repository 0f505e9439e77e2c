#pragma once

#include <string>

#include "pack/key_mapping.h"
#include "pack/model.h"

namespace claimlake::pack {

// A model's rows, part by part: each part holds the rows of the keys that fall to it by a hash of
// the key, so that less is in memory at once than for all rows. The parts together are the rows of
// the model, each once.
struct Part {
  int number = 0;  // from 0
  int of = 1;      // odd: tables in memory go by the lowest bits of the same hash
};

// Why the rows of `model` are not computed in parts, for people; "" if they are.
std::string why_not_in_parts(const Model& model);

// The model's SELECT for the keys of one part. Of each table that leads to the key, little more is
// read than what lies behind these; others are read whole. why_not_in_parts must be "".
std::string select_of_part(const Model& model, const Part& part,
                           const RelationOf& relation_of = same_relation);

}  // namespace claimlake::pack
