#include "verdict/judging.h"

void evidence_of_claims(struct judging *at)
{
    (void)at;
}
