#include "cinescribe/cli/evaluation.h"

#include "cinescribe/cli/json_output.h"

namespace cinescribe::cli {

Outcome conclude(const Result<Evaluation>& evaluation, const QualityLog& log, bool is_json) {
  if (!evaluation.ok()) return evaluation.error();
  CINESCRIBE_TRY(log.append(evaluation->records));
  if (is_json) {
    print_json(evaluation->json);
  } else {
    evaluation->print();
  }
  return 0;
}

}  // namespace cinescribe::cli
